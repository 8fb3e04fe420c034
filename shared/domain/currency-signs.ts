/** Signs of currencies as they stand at amounts, and the currencies that each may mean. */
import { type CurrencyCode, isCurrency } from "./money.ts";

const dollars =
  "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD";
const pesos = "ARS CLP COP CUP DOP MXN UYU";

const currenciesBySign: Readonly<Record<string, string>> = {
  $: `${dollars} ${pesos}`,
  US$: "USD",
  A$: "AUD",
  AU$: "AUD",
  C$: "CAD",
  CA$: "CAD",
  HK$: "HKD",
  MX$: "MXN",
  NT$: "TWD",
  NZ$: "NZD",
  R$: "BRL",
  S$: "SGD",
  "€": "EUR",
  "£": "GBP EGP FKP GIP SHP",
  "¥": "CNY JPY",
  "￥": "CNY JPY",
  "CN¥": "CNY",
  "JP¥": "JPY",
  元: "CNY HKD TWD",
  圆: "CNY",
  人民币: "CNY",
  RMB: "CNY",
  円: "JPY",
  "₩": "KRW",
  "₹": "INR",
  RS: "INR LKR MUR NPR PKR",
  "RS.": "INR LKR MUR NPR PKR",
  "฿": "THB",
  "₫": "VND",
  "₱": "PHP",
  "₽": "RUB",
  "₺": "TRY",
  "₴": "UAH",
  "₪": "ILS",
  KR: "DKK ISK NOK SEK",
  "KR.": "DKK ISK NOK SEK",
  ZŁ: "PLN",
  KČ: "CZK",
  FT: "HUF",
  "FR.": "CHF",
  SFR: "CHF",
};

/** The currencies that a sign or code may mean; undefined where it is neither. */
export function currenciesOfSign(sign: string): readonly CurrencyCode[] | undefined {
  const name = sign.toUpperCase();
  if (Object.hasOwn(currenciesBySign, name)) return currenciesBySign[name]?.split(" ");
  return isCurrency(name) ? [name] : undefined;
}
