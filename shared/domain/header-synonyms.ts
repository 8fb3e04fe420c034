/**
 * Names under which columns go in the files of other programs, in English and Chinese, and in German
 * where they are common. A name counts as `header-names.ts` has it, without any other signs.
 */
import type { LinePart, PlainConversion, Target } from "./file-profile.ts";
import { normalizeHeader } from "./header-names.ts";
import type { RecordType } from "./identifiers.ts";

export interface Meaning {
  /** `key`: the record's own key; `computed`: worked out anew from the lines; `price`: see `tax`. */
  readonly role: "field" | "line" | "key" | "customer-key" | "customer-name" | "computed";
  readonly target?: Target | undefined;
  /** What the price says of tax. */
  readonly tax?: "inclusive" | "exclusive" | undefined;
  /** Tells this type of record from the others. */
  readonly isTelling?: boolean | undefined;
}

/** Types of records that a file may hold; amounts of payments have no currency of their own. */
export const proposedTypes = ["customer", "product", "order", "invoice", "creditNote"] as const;
export type ProposedType = (typeof proposedTypes)[number];

type Row = readonly [Meaning, names: string];

const field = (name: string, as: PlainConversion): Meaning => ({
  role: "field",
  target: { field: name, as },
});
const ofLine = (part: LinePart, as: PlainConversion): Meaning => ({
  role: "line",
  target: { line: part, as },
});
const keyOf = (name: string | undefined, isTelling = true): Meaning => ({
  role: "key",
  isTelling,
  target: name === undefined ? undefined : { field: name, as: "key" },
});
const currency: Meaning = { role: "field", target: { field: "currency", as: "currency" } };
const computed: Meaning = { role: "computed" };

const customerKeys =
  "customer id, customer code, customer no, customer number, client id, client code, account number, account no, kundennr, kundennummer, 客户编码, 客户编号, 客户代码, 客户号, 客户id, 购方编码, 往来单位编码";
const customerNames =
  "customer, customer name, client, client name, contact name, company, company name, name, customer full name, bill to, kunde, firma, 客户名称, 客户, 客户全称, 购方名称, 购买方名称, 往来单位, 往来单位名称, 单位名称, 公司名称, 企业名称";
const productKeys =
  "product code, product id, sku, item code, item no, item number, item id, inventory item code, article no, artikelnr, artikelnummer, 商品编码, 商品编号, 商品代码, 物料编码, 物料代码, 产品编码, 产品编号, 存货编码, 货品编码, 货号";
const productNames =
  "product name, item name, product, item, product service, article, artikel, 商品名称, 物料名称, 产品名称, 存货名称, 货品名称, 品名, 货物名称";
const prices =
  "unit price, price, unit amount, sales price, rate, preis, einzelpreis, 单价, 不含税单价, 销售单价";
const taxedPrices = "price incl tax, gross price, unit price incl tax, 含税单价";

const customerRows: readonly Row[] = [
  [keyOf(undefined, false), `id, code, ${customerKeys}, 编码, 编号`],
  [
    field("name", "text"),
    `${customerNames}, organisation, organization, display name, full name, 名称`,
  ],
  [field("email", "text"), "email, email address, mail, 邮箱, 电子邮箱, 电子邮件, 邮件"],
  [
    field("phone", "text"),
    "phone, telephone, tel, phone number, phone numbers, mobile, telefon, 电话, 联系电话, 电话号码, 手机, 手机号, 手机号码",
  ],
  [field("website", "text"), "website, web, url, homepage, 网址, 网站"],
  [
    field("street", "text"),
    "street, address, address line 1, po address line 1, billing street, billing address, straße, strasse, adresse, 地址, 详细地址, 通讯地址, 联系地址, 街道",
  ],
  [field("city", "text"), "city, town, po city, billing city, ort, stadt, 城市, 市"],
  [field("region", "text"), "region, state, province, county, po region, 省, 省份, 地区"],
  [
    field("postalCode", "text"),
    "postal code, postcode, zip, zip code, po postal code, plz, 邮编, 邮政编码",
  ],
  [field("country", "text"), "country, po country, land, 国家, 国家地区"],
  [
    field("segment", "text"),
    "segment, customer type, customer group, category, 客户分类, 客户类别, 客户类型, 客户等级, 行业",
  ],
  [
    field("taxNumber", "text"),
    "tax number, tax id, tax no, vat, vat number, vat id, vat no, ust id, 税号, 纳税人识别号, 纳税识别号, 统一社会信用代码, 信用代码, 税务登记号, 购方税号",
  ],
  [currency, "currency, currency code, 币种, 币别, 货币"],
  [
    field("paymentTermsDays", "terms"),
    "terms, payment terms, payment terms days, net days, zahlungsziel, 付款条件, 账期, 账期天数, 付款期限, 信用天数",
  ],
];

const productRows: readonly Row[] = [
  [keyOf("code"), `code, id, ${productKeys}, 编码, 编号`],
  [field("name", "text"), `name, ${productNames}, 名称`],
  [
    field("description", "text"),
    "description, sales description, product description, item description, 规格型号, 规格, 型号, 描述, 说明",
  ],
  [field("unitPrice", "decimal"), `${prices}, list price, 售价, 价格, 标准售价`],
  [
    field("unitCost", "decimal"),
    "cost, unit cost, purchase price, purchase cost, 成本, 成本价, 成本单价, 采购价, 采购单价, 进价",
  ],
];

/** What orders, invoices and credit notes have in common; `dated` is the field of the document's date. */
const documentRows = (dated: string, dates: string): readonly Row[] => [
  [{ role: "customer-key" }, customerKeys],
  [{ role: "customer-name" }, customerNames],
  [field(dated, "date"), `date, document date, transaction date, datum, 日期, 单据日期, ${dates}`],
  [currency, "currency, currency code, 币种, 币别, 货币"],
  [field("exchangeRate", "decimal"), "exchange rate, currency rate, 汇率"],
  [ofLine("productCode", "key"), productKeys],
  [
    ofLine("description", "text"),
    `description, item description, line description, memo description, ${productNames}`,
  ],
  [ofLine("quantity", "decimal"), "quantity, qty, units, menge, anzahl, 数量, 销售数量, 实发数量"],
  [{ ...ofLine("unitPrice", "decimal"), tax: "exclusive" }, prices],
  [{ ...ofLine("unitPrice", "decimal"), tax: "inclusive" }, taxedPrices],
  [
    ofLine("discountRate", "fraction"),
    "discount, discount rate, discount %, rabatt, 折扣, 折扣率, 折扣率%, 折扣%",
  ],
  [
    ofLine("taxCode", "key"),
    "tax type, tax code, tax rate, tax rate name, tax %, 税率, 税率%, 税码",
  ],
  [ofLine("unitCost", "decimal"), "unit cost, cost, 成本单价, 成本价"],
];

const lineSums =
  "amount, line amount, line total, total, subtotal, tax amount, tax total, net amount, gross amount, 金额, 不含税金额, 价税合计, 含税金额, 税额, 合计";

const orderRows: readonly Row[] = [
  [
    keyOf("number"),
    "order number, order no, order id, so number, sales order, sales order number, 订单号, 订单编号, 销售订单号, 销售单号",
  ],
  [keyOf("number", false), "number, num, no, document number, 单据编号, 单据号, 单号"],
  ...documentRows("orderedOn", "order date, ordered on, sales date, 订单日期, 下单日期, 销售日期"),
  [field("dueOn", "date"), "due date, payment due, 到期日, 到期日期, 应收日期, 付款到期日"],
  [field("shipping", "amount"), "shipping, freight, shipping cost, 运费"],
  [computed, lineSums],
];

const billRows = (names: string, dates: string): readonly Row[] => [
  [keyOf("number"), names],
  [keyOf("number", false), "number, num, no, document number, 单据编号, 单据号, 单号"],
  [
    field("reference", "text"),
    "reference, ref, order number, order no, po number, purchase order, 订单号, 订单编号",
  ],
  ...documentRows("issuedOn", `issue date, issued on, ${dates}`),
  [
    field("total", "amount"),
    "total, invoice total, amount, gross amount, 价税合计, 含税金额, 合计, 合计金额, 开票金额",
  ],
  [field("tax", "amount"), "tax, tax amount, tax total, vat amount, 税额, 税额合计"],
  [field("subtotal", "amount"), "subtotal, net amount, 金额, 不含税金额"],
];

const rowsOf: Readonly<Record<ProposedType, readonly Row[]>> = {
  customer: customerRows,
  product: productRows,
  order: orderRows,
  invoice: [
    ...billRows(
      "invoice number, invoice no, invoice id, invoice, 发票号码, 发票号, 发票编号",
      "invoice date, 开票日期, 发票日期",
    ),
    [field("dueOn", "date"), "due date, 到期日, 到期日期, 付款到期日"],
    [field("amountPaid", "amount"), "paid, amount paid, 已收金额, 已付金额"],
    [
      field("amountDue", "amount"),
      "open balance, balance, balance due, amount due, 未收金额, 余额",
    ],
  ],
  creditNote: billRows(
    "credit note number, credit note no, credit memo number, credit number, 红字发票号码, 红字发票号, 贷项通知单号",
    "credit note date, credit date, 红字日期",
  ),
};

/** Words of file names that tell what is in the file. */
const fileWords: Readonly<Record<ProposedType, string>> = {
  customer: "customer client contact account kunden 客户 往来单位 单位",
  product: "product item sku price artikel 商品 产品 物料 存货 货品 价目",
  order: "order deal sales-order auftrag 订单",
  invoice: "invoice bill rechnung 发票 开票",
  creditNote: "credit-note credit-memo creditnote gutschrift 红字 贷项",
};

const OTHER_SIGNS = /[^\p{L}\p{N}%]/gu;

function nameOf(text: string): string {
  return normalizeHeader(text).replace(OTHER_SIGNS, "");
}

const meanings = new Map(proposedTypes.map((type) => [type, meaningsIn(rowsOf[type])]));

function meaningsIn(rows: readonly Row[]): ReadonlyMap<string, Meaning> {
  const found = new Map<string, Meaning>();
  for (const [meaning, names] of rows) {
    for (const name of names.split(",").map(nameOf)) if (!found.has(name)) found.set(name, meaning);
  }
  return found;
}

/** What a column of this name means in a file of such records; undefined where nobody knows. */
export function meaningOf(type: ProposedType, header: string): Meaning | undefined {
  return meanings.get(type)?.get(nameOf(header));
}

/** Whether the name of a file tells that it holds such records. */
export function isNamedFor(type: RecordType, fileName: string): boolean {
  const name = fileName.toLowerCase();
  const words = proposedTypes.some((one) => one === type) ? fileWords[type as ProposedType] : "";
  return words.split(" ").some((word) => word !== "" && name.includes(word));
}
