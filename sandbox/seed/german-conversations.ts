import type { SampleConversation } from "#sandbox/seed/sample-conversations.ts";

const raceCondition: SampleConversation = {
  title: "Zwei Anfragen, ein letzter Platz",
  turns: [
    {
      question:
        "In PostgreSQL buchen zwei Anfragen manchmal denselben letzten Platz. Ich prüfe erst die Anzahl und füge dann ein. Wie verhindere ich das?",
      answer: `Zwischen Prüfen und Einfügen liegt eine Lücke, in der die andere Anfrage dasselbe tut. Lassen Sie eine einzige Anweisung beides erledigen, dann schließt die Zeilensperre die Lücke:

\`\`\`sql
update events
   set seats_left = seats_left - 1
 where id = $1
   and seats_left > 0
returning seats_left;
\`\`\`

Keine Zeile zurück? Dann ist ausgebucht, und es wurde nichts geändert.

Warum das funktioniert: Das zweite \`update\` wartet auf die erste Transaktion und prüft die Bedingung dann **noch einmal** an der neuen Zeile. Ein \`check (seats_left >= 0)\` sichert zusätzlich ab.`,
    },
    {
      question: "Wäre eine serialisierbare Transaktion besser?",
      answer: `Sie ist ebenfalls korrekt, verlangt aber mehr: PostgreSQL kann eine der beiden mit \`40001\` abbrechen, und Sie müssen sie wiederholen.

| | bedingtes Update | serialisierbar |
|---|---|---|
| korrekt | ja | ja |
| Wiederholungen nötig | nein | **ja** |
| viele Zugriffe auf eine Zeile | warten nacheinander | brechen ab und beginnen neu |
| geeignet, wenn | eine Zeile entscheidet | eine Regel über viele Zeilen gilt |

Für einen einzelnen Zähler bleiben Sie beim bedingten Update.`,
    },
  ],
};

const sourdough: SampleConversation = {
  title: "Sauerteig für Samstagmorgen",
  turns: [
    {
      question:
        "Ich möchte am Samstagmorgen frisches Sauerteigbrot, arbeite am Freitag aber bis sechs. Welcher Zeitplan passt?",
      answer: `Lassen Sie über Nacht den Kühlschrank arbeiten. Zurückgerechnet von einem Brot um **9:00 Uhr am Samstag**:

| Wann | Was | Aufwand |
|---|---|---|
| Do 21:00 | Starter 1:5:5 füttern | 1 min |
| Fr 7:00 | Mehl und Wasser mischen, ruhen lassen | 5 min |
| Fr 18:30 | Starter und Salz zugeben | 5 min |
| Fr 19:00–22:00 | Viermal falten, alle dreißig Minuten | 10 min |
| Fr 22:30 | Formen, in den Korb, in den Kühlschrank | 10 min |
| Sa 8:00 | Ofen und Topf auf 250 °C vorheizen | 1 min |
| Sa 8:40 | 20 min mit Deckel, dann 20 min offen bei 230 °C backen | 2 min |

Achten Sie vor allem auf die **Wärme der Küche**: Bei 25 °C ist der Teig nach drei Stunden so weit, bei 20 °C nach fünf.`,
    },
  ],
};

const compoundInterest: SampleConversation = {
  title: "So wächst der Zinseszins",
  turns: [
    {
      question: "Wenn ich 20 Jahre lang 200 im Monat zu 5 % anlege, was kommt heraus? Mit Formel, bitte.",
      answer: `Mit der Monatsrate $P$, dem Monatszins $r = 0{,}05/12$ und $n = 240$ Monaten:

$$
V = P \\cdot \\frac{(1 + r)^n - 1}{r} \\approx 82.207
$$

Also rund **82.200**, davon haben Sie 48.000 eingezahlt. Die übrigen 34.200 sind Zinsen und Zinseszinsen.`,
    },
  ],
};

const paymentReminder: SampleConversation = {
  title: "Freundliche Zahlungserinnerung",
  turns: [
    {
      question:
        "Schreib eine kurze, freundliche Erinnerung an eine Kundin, deren Rechnung seit zwei Wochen offen ist.",
      answer: `**Betreff: Rechnung 2047, kurze Erinnerung**

Liebe Frau Okafor,

unsere Rechnung 2047 vom 3. November über 480,00 war vor zwei Wochen fällig, und wir haben noch keinen Zahlungseingang gesehen. Vielleicht haben sich Zahlung und E-Mail überschnitten; dann betrachten Sie diese Nachricht bitte als erledigt.

Falls mit der Rechnung etwas nicht stimmt, genügt eine kurze Nachricht.

Herzliche Grüße
Jonas Weber`,
    },
  ],
};

/** The conversations of demo users who read German, newest first. */
export const germanConversations: SampleConversation[] = [
  raceCondition,
  sourdough,
  compoundInterest,
  paymentReminder,
];
