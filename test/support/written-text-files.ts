/** The files of text under `test/fixtures/files`, by their names: what programs write, by our own hand. */
import { encodeGb18030, encodeUtf16, encodeWindows1252 } from "#test/support/encoded-text.ts";

const crlf = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join("");
const lf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const xeroContactColumns = [
  ...["*ContactName", "AccountNumber", "EmailAddress", "FirstName", "LastName", "POAttentionTo"],
  ...["POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4", "POCity", "PORegion"],
  ...[
    "POPostalCode",
    "POCountry",
    "PhoneNumber",
    "TaxNumber",
    "DueDateSalesDay",
    "DueDateSalesTerm",
  ],
];
const xeroInvoiceColumns = [
  ...["*ContactName", "EmailAddress", "POAddressLine1", "POAddressLine2", "POCity", "PORegion"],
  ...[
    "POPostalCode",
    "POCountry",
    "*InvoiceNumber",
    "Reference",
    "*InvoiceDate",
    "*DueDate",
    "Total",
  ],
  ...["InventoryItemCode", "*Description", "*Quantity", "*UnitAmount", "Discount", "*AccountCode"],
  ...["*TaxType", "TaxAmount", "TrackingName1", "TrackingOption1", "Currency", "BrandingTheme"],
];

const germanCustomers = [
  "Kundennr;Firma;Straße;PLZ;Ort;Land;E-Mail;Zahlungsziel;Umsatz",
  "K-1001;Müller & Söhne Möbelbau GmbH;Königsallee 7;40212;Düsseldorf;Deutschland;post@mueller-moebel.example;30;12.345,60",
  'K-1002;"Größenwahn; Café & Bäckerei";Am Köllnischen Park 3;01067;Dresden;Deutschland;kueche@groessenwahn.example;14;1.980,00',
  "K-1003;Žižek – Transport d.o.o.;Trg 5;1000;Ljubljana;Slowenien;pisarna@zizek.example;;-250,40",
  "K-1004;Übersee „Hafen“ KG;Elbstraße 12;20457;Hamburg;Deutschland;kontor@uebersee.example;30;€ 0,99",
];

const unicodeTextOrders = [
  "Order\tDate\tCustomer\tItem\tQuantity\tPrice\tRemark",
  "A-1\t27.11.2026\tŁódź Glassworks Sp. z o.o.\tVase, 30 cm\t12\t19,90\t",
  'A-2\t28.11.2026\t東京陶器株式会社\t"Bowl ""Ame"""\t4\t45,00\t"two\nlines"',
  "A-3\t28.11.2026\tΑφοί Γεωργίου Ο.Ε.\tPlate\t100\t3,25\tfragile",
];

const kingdeeOrders = [
  "单据编号,日期,客户编码,客户名称,物料编码,物料名称,规格型号,单位,数量,含税单价,价税合计,税率%,币别,备注",
  "XSDD000123,2026-11-02,C0001,深圳市华强电子有限公司,01.01.0003,贴片电阻,0603 10K,盘,20,35.50,710.00,13,人民币,急单",
  "XSDD000123,2026-11-02,C0001,深圳市华强电子有限公司,01.01.0007,电解电容,100uF/25V,盘,8,62.00,496.00,13,人民币,",
  'XSDD000124,2026-11-05,C0015,"上海申通物流设备厂,二分厂",02.03.0001,输送带,800mm,米,120,45.80,"5,496.00",13,人民币,含安装',
  "XSDD000125,2026-11-09,C0022,广州白云山茶叶商行,03.01.0010,铁观音礼盒,500g,盒,60,128.00,7680.00,9,人民币,送货前请电话联系",
];

const yonyouCustomers = [
  "客户编码\t客户名称\t客户简称\t税号\t开户银行\t银行账号\t地址\t电话\t发展日期\t信用额度",
  "0001\t北京𠮷野商贸有限公司\t𠮷野\t91110108MA01ABCD2X\t工商银行海淀支行\t0200004509012345678\t北京市海淀区学院路35号\t010-62345678\t2024-03-01\t100,000.00",
  "0002\t成都市蜀锦纺织品厂\t蜀锦\t915101007348916XX0\t建设银行成都分行\t51001433608050123456\t成都市锦江区红星路二段\t028-86543210\t2025-06-18\t50,000.00",
  "0003\t山西杏花村䶮記酒業\t䶮記\t91140000110012345K\t中国银行太原支行\t\t太原市迎泽大街㐱号\t0351-4041234\t2026-01-05\t0.00",
];

export const writtenTextFiles: Readonly<Record<string, Uint8Array>> = {
  "excel-semicolon-windows-1252.csv": encodeWindows1252(crlf(germanCustomers)),
  "excel-unicode-text.txt": encodeUtf16(crlf(unicodeTextOrders), "le"),
  "excel-unicode-big-endian.txt": encodeUtf16(crlf(unicodeTextOrders), "be"),
  "utf-16-no-mark.txt": encodeUtf16(crlf(unicodeTextOrders), "le", false),
  "excel-sep-line.csv": encodeWindows1252(
    crlf([
      "sep=;",
      "Artikel;Bezeichnung;Preis",
      "SYR-1;Birkensirup 0,25 l;12,50",
      "TRO-2;Räucherforelle;8,35",
    ]),
  ),
  "excel-utf-8-mark.csv": utf8(
    `\uFEFF${crlf([
      "id,name,city,country,payment_terms_days",
      "K-001,Björklund & Söner,Örebro,Sweden,30",
      'K-002,"Núñez, Conservas",A Coruña,Spain,14',
      "K-003,株式会社みどり,大阪,Japan,",
    ])}`,
  ),
  "libreoffice-quoted.csv": utf8(
    lf([
      '"id","name","unit_price","in_stock","since"',
      '"SYR-1","Birch Syrup",12.5,TRUE,"2026-01-31"',
      '"TRO-2","Trout, ""smoked""",8.35,FALSE,"2025-12-01"',
    ]),
  ),
  "libreoffice-tabs.tsv": utf8(
    lf(["code\tname\tunit_price", "SYR-1\tBirch Syrup; organic\t12,50", "TRO-2\tTrout\t8,35"]),
  ),
  "pipes.txt": utf8(
    lf(["id|name|city", "1|Tool, Die & Co.|Leeds", "2|Harbour; Freight|Hull", "3|Mill|York"]),
  ),
  "quickbooks-title-rows.csv": utf8(
    crlf([
      "Larkfield Timber Co.",
      "Customer Contact List",
      "",
      ",Customer,Phone Numbers,Email,Full Name,Billing Address,Shipping Address",
      ',Alder & Ash Joinery,Phone:(555) 010-4477,office@alderash.example,,"12 Mill Ln, Dover, DE 19901","12 Mill Ln, Dover, DE 19901"',
      ",Beechwood Framing,Phone:(555) 010-2210,hello@beechwood.example,,9 Quarry Rd Salem OR 97301,",
      ",Cedar Point Docks,,,,,",
      "",
      '"Friday, Nov 27, 2026 08:15:02 AM GMT+0"',
    ]),
  ),
  "quickbooks-invoice-list.csv": utf8(
    crlf([
      "Larkfield Timber Co.",
      "Invoice List by Date",
      '"November 1-27, 2026"',
      "",
      "Date,Transaction Type,Num,Name,Memo/Description,Due Date,Amount,Open Balance",
      '11/02/2026,Invoice,1041,Alder & Ash Joinery,"Oak boards, 40 mm",12/02/2026,"1,834.50",0.00',
      "11/13/2026,Invoice,1042,Beechwood Framing,,12/13/2026,920.00,920.00",
      '11/20/2026,Credit Memo,1043,Alder & Ash Joinery,Returned,11/20/2026,"-1,150.25","-1,150.25"',
      'TOTAL,,,,,,"$1,604.25","$-230.25"',
    ]),
  ),
  "xero-contacts.csv": utf8(
    crlf([
      xeroContactColumns.join(","),
      "Bayside Club,BC-17,secretary@bayside.example,,,,148 Bay Harbour Road,,,,Ridge Heights,Madeupville,6001,New Zealand,+64 4 5550137,101-222-333,20,of the following month",
      '"Marine Systems, Ltd",MS-02,accounts@marine.example,,,Accounts Payable,PO Box 9,,,,Pinehaven,,5019,New Zealand,,,30,day(s) after the invoice date',
    ]),
  ),
  "xero-sales-invoices.csv": utf8(
    crlf([
      xeroInvoiceColumns.join(","),
      "Bayside Club,secretary@bayside.example,148 Bay Harbour Road,,Ridge Heights,Madeupville,6001,New Zealand,INV-0091,Ref MK815,20/11/2026,20/12/2026,,GB1-White,Golf balls - white single,20,5.00,,200,15% GST on Income,15.00,,,NZD,",
      "Bayside Club,secretary@bayside.example,148 Bay Harbour Road,,Ridge Heights,Madeupville,6001,New Zealand,INV-0091,Ref MK815,20/11/2026,20/12/2026,,,Delivery,1,12.50,10%,260,15% GST on Income,1.69,,,NZD,",
      '"Marine Systems, Ltd",accounts@marine.example,PO Box 9,,Pinehaven,,5019,New Zealand,INV-0092,,23/11/2026,23/12/2026,,DEV-H,"Fitting, per hour",6.5,110.00,,200,15% GST on Income,107.25,Region,Eastside,NZD,',
    ]),
  ),
  "kingdee-sales-orders-gbk.csv": encodeGb18030(crlf(kingdeeOrders)),
  "yonyou-customers-gb18030.txt": encodeGb18030(crlf(yonyouCustomers)),
  "encoding-ambiguous.csv": encodeWindows1252(crlf(["id,name", "1,ÄÖ Bau", "2,Plain"])),
  "encoding-named.windows-1252.csv": encodeWindows1252(crlf(["id,name", "1,ÄÖ Bau", "2,Plain"])),
  "delimiter-ambiguous.csv": utf8(lf(["a;b,c", "1;2,3", "4;5,6"])),
  "dates-ambiguous.csv": utf8(
    crlf(["order,order_date", "B-1,03/04/2026", "B-2,05/06/2026", "B-3,11/12/2026"]),
  ),
  "dates-day-first.csv": utf8(
    crlf(["order,order_date", "B-1,03/04/2026", "B-2,25/06/2026", "B-3,11/12/2026"]),
  ),
  "numbers-decimal-comma.csv": utf8(
    crlf(["invoice;amount", "R-1;1.234,50", "R-2;7,90", "R-3;1.000.000,00", "R-4;-12,05"]),
  ),
  "numbers-negative-brackets.csv": utf8(
    crlf(["invoice,amount", 'R-1,"(1,234.50)"', "R-2,(7.90)", 'R-3,"2,000.00"', "R-4,-3.10"]),
  ),
  "numbers-negative-trailing.csv": utf8(
    crlf(["Beleg;Betrag", "R-1;1.234,50-", "R-2;7,90-", "R-3;2.000,00", "R-4;3,10"]),
  ),
  "numbers-ambiguous.csv": utf8(crlf(["invoice,quantity", 'R-1,"1,234"', 'R-2,"5,678"'])),
  "leading-zeros-lost.csv": utf8(
    crlf(["customer,zip", "00417,01067", "418,1067", "00419,99084", "1520,4109"]),
  ),
  "scientific-ids.csv": utf8(
    crlf(["order,ean", "A-1,4.00638E+12", "A-2,4006381333931", "A-3,1.23457E+15"]),
  ),
  "error-cells.csv": utf8(
    crlf([
      "code,name,unit_price",
      "P-1,Bolt,#N/A",
      "P-2,#REF!,0.20",
      "P-3,Nut,#DIV/0!",
      "P-4,Pin,0.1",
    ]),
  ),
  "customers.json": utf8(
    `${JSON.stringify(
      [
        { id: "K-001", name: "Björklund & Söner", country: "Sweden", payment_terms_days: 30 },
        { id: "K-002", name: 'Núñez, "Conservas"', city: "A Coruña", country: null },
      ],
      null,
      2,
    )}\n`,
  ),
  "orders-in-value.json": utf8(
    '{"@odata.context":"$metadata#orders","value":[{"order":9007199254740993,"total":12.30,"paid":true},{"order":"A-2","total":1e2,"note":"two\\nlines"}],"count":2}',
  ),
  "products.jsonl": utf8(
    lf([
      '{"code":"SYR-1","name":"Birch Syrup","unit_price":12.50}',
      '{"code":"TRO-2","unit_price":8.350}',
    ]),
  ),
};
