import type { billing as source } from "#app/_messages/en/billing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const billing: Translation<typeof source> = {
  title: "Abrechnung",
  lead: "Ihr Tarif, Ihr Guthaben und Ihre Rechnungen.",
  plan: {
    seePlans: "Tarife ansehen",
    changePlan: "Tarif wechseln",
    keepPlan: "{plan} behalten",
    portal: "Abrechnungsportal",
    onlyAdmins: "Nur Inhaber und Admins können den Tarif ändern.",
    status: {
      grace: "Zahlung fehlgeschlagen",
      trial: "Testphase",
      onHold: "Ausgesetzt",
      endsSoon: "Endet bald",
      active: "Aktiv",
    },
    onHold: "{plan} ist ausgesetzt, bis die Zahlung eingegangen ist.",
    onHoldUnpaid: "{plan} ist ausgesetzt. Bezahlen Sie die offene Rechnung, oder kündigen Sie {plan}.",
    onHoldPaused: "{plan} ist pausiert. Kündigen Sie, um einen neuen Tarif zu wählen.",
    onHoldEnded: "{plan} ist ausgesetzt. Kündigen Sie, um einen neuen Tarif zu wählen.",
    collectionPaused: "Die Zahlungen sind pausiert. Bis sie weiterlaufen, wird nichts abgebucht.",
    collectionPausedUntil: "Die Zahlungen sind bis <date></date> pausiert.",
    sendsInvoices: "Sie erhalten eine Rechnung, die Sie selbst bezahlen.",
    otherProduct:
      "Sie haben ein Abo für {name}. Es ist keiner unserer Tarife und enthält kein Guthaben. Wir wissen Bescheid. Einen Tarif können Sie jetzt wählen.",
    otherProductAt:
      "Sie haben ein Abo für {name} zu {price}. Es ist keiner unserer Tarife und enthält kein Guthaben. Wir wissen Bescheid. Einen Tarif können Sie jetzt wählen.",
    ends: "Endet am <date></date>.",
    noCharge: "Es wird nichts berechnet.",
    noFurtherCharge: "Es wird nichts mehr berechnet.",
    onlyOverageCharge: "Berechnet wird nur noch die Zusatznutzung von <amount></amount>.",
    firstPayment: "Erste Zahlung: <amount></amount> am <date></date>.",
    nextPayment: "Nächste Zahlung: <amount></amount> am <date></date>.",
    plusOverage: "Dazu kommen bisher <amount></amount> Zusatznutzung.",
    nothingDue: "Nichts zu zahlen.",
    unpaidInvoice:
      "Eine Rechnung über <amount></amount> ist offen. Mit der Zahlung wird das Guthaben dieses Monats gutgeschrieben. Den Tarif wählen Sie danach neu.",
  },
  cancel: {
    now: "Der Tarif endet sofort, und es wird kein weiterer Zeitraum berechnet. Eine offene Rechnung bleibt offen. Ihre Chats, API-Schlüssel und Rechnungen bleiben erhalten, und Sie können jederzeit einen neuen Tarif wählen.",
    keepUntil: "Bis zum <date></date> behalten Sie alles.",
    afterwards: "Danach:",
    credit: "{less} Guthaben pro Monat statt {more}",
    models: "Kein Zugriff auf {models}",
    requests: "{count, number} Anfragen pro Minute",
    kept: "Ihre Chats, API-Schlüssel und Rechnungen bleiben erhalten. Bis dahin können Sie es sich anders überlegen.",
    onHold:
      "Er endet am <date></date>, ein weiterer Zeitraum wird nicht berechnet. Ihre Chats, API-Schlüssel und Rechnungen bleiben erhalten.",
  },
  credit: {
    title: "Monatsguthaben",
    used: "<used></used> von <total></total> verbraucht",
    meter: "Verbrauchter Anteil des Monatsguthabens",
    left: "Noch <amount></amount> Guthaben.",
    leftWithOverage: "Noch <amount></amount> Guthaben und bis zu <overage></overage> Zusatznutzung.",
    renews: "Neues Guthaben am <date></date>. Ungenutztes Monatsguthaben verfällt dann.",
    renewsWithOtherCredit:
      "Neues Guthaben am <date></date>. Ungenutztes Monatsguthaben verfällt dann. Ihr übriges Guthaben von <amount></amount> gilt bis <until></until>.",
    afterPayment:
      "Ihr Monatsguthaben wird gutgeschrieben, sobald die Zahlung eingegangen ist. Bis dahin können Sie dieses Guthaben nutzen.",
    renewing:
      "Ihr Monatsguthaben wird gutgeschrieben, sobald die Zahlung für diesen Zeitraum eingegangen ist, meist innerhalb einer Stunde. Bis dahin können Sie dieses Guthaben nutzen.",
    paused: "Die Zahlungen sind pausiert. Neues Monatsguthaben gibt es erst, wenn sie weiterlaufen.",
    withNextPayment: "Ihr Monatsguthaben kommt mit der nächsten Zahlung am <date></date>.",
    usageLink: "Nutzung ansehen",
    topUp: "Guthaben aufladen",
    topUpNote: "Wird nach dem Monatsguthaben verbraucht. 12 Monate gültig.",
  },
  overage: {
    title: "Zusatznutzung",
    used: "<used></used> von <limit></limit> genutzt",
    meter: "Genutzter Anteil Ihres Ausgabenlimits",
    off: "Ist Ihr Guthaben aufgebraucht, stoppen die Antworten. Mit Zusatznutzung geht es zu gleichen Preisen weiter, bis zu einem monatlichen Ausgabenlimit. Abgerechnet wird am Ende des Abrechnungszeitraums.",
    offWithUsage:
      "Ist Ihr Guthaben aufgebraucht, stoppen die Antworten. Mit Zusatznutzung geht es zu gleichen Preisen weiter, bis zu einem monatlichen Ausgabenlimit. Die bisher genutzten <amount></amount> werden am <date></date> abgerechnet.",
    on: "Ist Ihr Guthaben aufgebraucht, gehen die Antworten zu gleichen Preisen weiter, bis zu Ihrem Limit. Bei 50 %, 80 % und 100 % erhalten Sie eine E-Mail.",
    billedOn: "Die Zusatznutzung wird am <date></date> abgerechnet, auch wenn Sie sie deaktivieren.",
    free: "Ist Ihr Guthaben aufgebraucht, stoppen die Antworten. In einem bezahlten Tarif können Sie Zusatznutzung mit einem monatlichen Ausgabenlimit aktivieren.",
    renewing:
      "Aktiviert. Die Zusatznutzung geht weiter, sobald die Zahlung für diesen Zeitraum eingegangen ist, meist innerhalb einer Stunde.",
    trial:
      "Ist Ihr Guthaben aufgebraucht, stoppen die Antworten. Nach der Testphase können Sie Zusatznutzung mit einem monatlichen Ausgabenlimit aktivieren.",
    grace: "Ist Ihr Guthaben aufgebraucht, stoppen die Antworten, bis die offene Rechnung bezahlt ist.",
    usedWhileClosed: "<amount></amount> Zusatznutzung werden am <date></date> abgerechnet.",
    disable: "Deaktivieren",
  },
  paymentMethod: {
    title: "Zahlungsmethode",
    none: "Keine Karte hinterlegt.",
    expires: "Gültig bis {month}",
    expiresSoon: "Läuft diesen Monat ab ({month}). Hinterlegen Sie vor der nächsten Zahlung eine neue.",
    expired: "Abgelaufen ({month}). Ohne neue Karte schlägt die nächste Zahlung fehl.",
    add: "Karte hinzufügen",
    change: "Karte ändern",
  },
  details: {
    title: "Rechnungsangaben",
    lead: "Erscheinen auf der nächsten Rechnung.",
    noAddress: "Noch keine Adresse.",
    remove: "Entfernen<hidden>: {value}</hidden>",
    addAddress: "Name und Adresse hinzufügen",
    changeAddress: "Name und Adresse ändern",
    addTaxId: "Steuernummer hinzufügen",
    taxId: "Steuernummer",
  },
  invoices: {
    title: "Rechnungen",
    emptyTitle: "Noch keine Rechnungen",
    emptyDescription: "Hier erscheinen die Rechnungen für Tarif und Aufladungen, auch als PDF.",
    table: "Rechnungsliste",
    date: "Datum",
    purpose: "Beschreibung",
    number: "Nummer",
    amount: "Betrag",
    status: "Status",
    documents: "Dokumente",
    dueOn: "Fällig am <date></date>",
    withTax: "inkl. <amount></amount> Steuern",
    about: "Rechnung {number}",
    noNumber: "ohne Nummer",
    view: "Ansehen<hidden>: Rechnung {number}</hidden>",
    pdf: "PDF<hidden> der Rechnung {number}</hidden>",
    returned:
      "Wird eine Zahlung erstattet oder angefochten, entfällt der gleiche Anteil ihres Guthabens. Endet eine Anfechtung zu unseren Gunsten, wird es wiederhergestellt.",
    statuses: { paid: "Bezahlt", open: "Offen", void: "Storniert", uncollectible: "Uneinbringlich" },
    purposes: {
      planChange: "Tarifwechsel",
      trial: "Testphase {offer}",
      topUp: "Aufladung",
      overage: "Zusatznutzung",
      other: "Sonstiges",
    },
  },
  trial: {
    offerTitle: "{plan} {days, number} Tage kostenlos testen",
    offerAction: "Kostenlos testen",
    terms:
      "Mit {credit} Guthaben. Eine Karte ist nötig, heute wird nichts berechnet. Die erste Zahlung von {price} ist am <date></date> fällig. Kündigen Sie vorher, zahlen Sie nichts.",
    daysLeft:
      "{days, plural, =0 {Ihre Testphase endet heute} one {Noch # Tag Testphase} other {Noch # Tage Testphase}}",
    endsFree:
      "Sie endet am <date></date>, und es wird nichts berechnet. Bis dahin können Sie es sich anders überlegen.",
    continues:
      "Am <date></date> werden {price} abgebucht, und Ihr Monatsguthaben beginnt. Kündigen Sie vorher, zahlen Sie nichts.",
    rejectedTitle: "Ihre Testphase konnte nicht beginnen",
    rejected:
      "Jede Karte und jede E-Mail-Adresse kann nur einmal für eine Testphase genutzt werden, und das ist schon geschehen. Es wurde nichts berechnet. Sie können {plan} jetzt für {price} buchen.",
    choose: "{plan} wählen",
  },
  pending: {
    confirmTitle: "Ihre Bank verlangt eine Bestätigung dieser Zahlung",
    change:
      "Ihr neuer Tarif beginnt, sobald {amount} bestätigt sind. Bis dahin gilt der bisherige. Am <date></date> verfällt der Wechsel.",
    changeSubject: "Tarifwechsel",
    invoice: "{amount} sind bezahlt, sobald Ihre Bank die Zahlung bestätigt hat.",
    invoiceSubject: "offene Rechnung",
    keep: "Aktuellen Tarif behalten",
    nextTitle: "Als Nächstes gilt {offer}",
    next: "Bis zum <date></date> behalten Sie Ihren Tarif. Danach gilt {offer} für {price}.",
  },
  notices: {
    welcome: {
      title: "{plan} ist aktiv",
      text: "Ihre Zahlung ist eingegangen, das Guthaben dieses Monats ist gutgeschrieben.",
    },
    trial: {
      title: "Ihre Testphase hat begonnen",
      text: "Es wurde nichts berechnet. Ihr Testguthaben ist gutgeschrieben.",
    },
    credit: {
      title: "Guthaben aufgeladen",
      text: "Es wird nach dem Monatsguthaben verbraucht und gilt 12 Monate.",
    },
    processing: {
      title: "Ihre Zahlung ist unterwegs",
      text: "Banküberweisungen und Lastschriften können einige Tage dauern. Ihr Guthaben kommt, sobald die Zahlung eingegangen ist. Sie müssen nicht noch einmal zahlen.",
    },
    pending: {
      title: "Ihre Zahlung wird bestätigt",
      text: "Stripe ist gerade nicht erreichbar; wir versuchen es weiter. Ihr Tarif erscheint hier von selbst. Sie müssen nicht noch einmal zahlen.",
    },
    unfinished: {
      title: "Zahlung nicht abgeschlossen",
      text: "Sie haben die Zahlungsseite vorzeitig verlassen. Es wurde nichts berechnet.",
    },
    changed: { title: "Ihr Tarif: {plan}", text: "Ihr Tarif und sein Guthaben sind aktiv." },
    running: {
      title: "Sie haben schon einen Tarif",
      text: "Hier können Sie ihn wechseln. Den Preis sehen Sie vor der Bestätigung.",
    },
  },
  sandbox: {
    text: "Sandbox: Es fließt kein echtes Geld. Mit <card>4242 4242 4242 4242</card> gelingt die Zahlung, <card>4000 0000 0000 0002</card> wird abgelehnt, jeweils mit einem beliebigen künftigen Datum und einer beliebigen Prüfnummer.",
    link: "Stripe-Sandbox öffnen",
  },
};
