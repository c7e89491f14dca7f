import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { type Reader, text } from "#sandbox/stripe/protocol/params.ts";

/** Supported currencies, in the order of Stripe's error message. */
const supported =
  `usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn byr
bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg
huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mro mur
mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp
sle sll sos srd std svc szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vef vnd vuv wst xaf xcd xof xpf yer zar zmw
usdc btn ghs eek lvl ltl xcg`.split(/\s+/);

/** Reads a three-letter currency code and returns it in lower case. */
export function currency(): Reader<string | undefined> {
  return (node, path) => {
    const name = text()(node, path)?.toLowerCase();
    if (name === undefined || supported.includes(name)) return name;
    throw invalid(
      `Invalid currency: ${name}. Stripe currently supports these currencies: ${supported.join(", ")}`,
      path,
    );
  };
}
