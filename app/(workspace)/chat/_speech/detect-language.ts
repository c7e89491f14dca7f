/** Scripts that name a language, in the order in which they are tried: Japanese also uses Chinese letters. */
const scripts: [RegExp, string][] = [
  [/\p{Script=Hiragana}|\p{Script=Katakana}/gu, "ja"],
  [/\p{Script=Hangul}/gu, "ko"],
  [/\p{Script=Han}/gu, "zh"],
  [/[іїєґ]/giu, "uk"],
  [/\p{Script=Cyrillic}/gu, "ru"],
  [/\p{Script=Arabic}/gu, "ar"],
  [/\p{Script=Hebrew}/gu, "he"],
  [/\p{Script=Greek}/gu, "el"],
  [/\p{Script=Thai}/gu, "th"],
  [/\p{Script=Devanagari}/gu, "hi"],
];

/** Words that are frequent in one of the languages and rare in the others. */
const frequentWords: Record<string, string> = {
  en: "the and of to is that it for with are this you be not have from which",
  de: "der die das und ist nicht ein eine mit sich auf für von dem den wird auch sie",
  fr: "le les des et est une que dans pour qui pas sur au avec ce vous sont du",
  es: "el los las y es que una por con para del se no al como su más lo",
  it: "il gli che di è una per non con del della sono si come più anche nel",
  pt: "o os as e é que uma para com não do da em por mais como se ao",
  nl: "de het een en van is dat niet op te zijn met voor aan er ook bij",
};
const languageOfWord = new Map<string, string[]>();
for (const [language, words] of Object.entries(frequentWords))
  for (const word of words.split(" "))
    languageOfWord.set(word, [...(languageOfWord.get(word) ?? []), language]);

const sampleLength = 2_000;

/**
 * Returns the language of a text, as a language tag: by its script, or by its most frequent words.
 * @param fallback for a text that tells nothing
 */
export function detectLanguage(text: string, fallback: string): string {
  const sample = text.slice(0, sampleLength).toLowerCase();
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  for (const [script, language] of scripts)
    if ((sample.match(script)?.length ?? 0) > letters * (language === "uk" ? 0.02 : 0.15)) return language;
  const counts = new Map<string, number>();
  for (const word of sample.match(/\p{L}+/gu) ?? [])
    for (const language of languageOfWord.get(word) ?? [])
      counts.set(language, (counts.get(language) ?? 0) + 1);
  const [best, second] = [...counts.entries()].sort(([, one], [, other]) => other - one);
  if (best === undefined || best[1] < 2 || best[1] === second?.[1]) return fallback;
  return best[0];
}
