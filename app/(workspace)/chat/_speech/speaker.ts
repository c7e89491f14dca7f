import { detectLanguage } from "#app/(workspace)/chat/_speech/detect-language.ts";
import { spokenText, toPieces } from "#app/(workspace)/chat/_speech/spoken-text.ts";

/** What is being read aloud; one answer at a time. */
export type Speech = { id: string; isPaused: boolean };

let speech: Speech | null = null;
let pieces: string[] = [];
let position = 0;
let language = "";
/** Kept, because browsers may collect an utterance before it has ended and report no end then. */
let utterance: SpeechSynthesisUtterance | undefined;
const listeners = new Set<() => void>();

export function canSpeak(): boolean {
  return typeof window !== "undefined" && "speechSynthesis" in window;
}

/** Reads an answer aloud from its beginning, in the language of its text; ends what is being read. */
export function speak(id: string, markdown: string, locale: string): void {
  const text = spokenText(markdown);
  language = detectLanguage(text, locale);
  pieces = toPieces(text, language);
  position = 0;
  // Browsers go on reading after a reload.
  window.addEventListener("pagehide", stopSpeaking);
  set(pieces.length === 0 ? null : { id, isPaused: false });
  speakNext();
}

/**
 * Pauses, or goes on with the piece at which it was paused. The browser's own pause ends the reading on
 * Android, and stays in force for later ones elsewhere.
 */
export function togglePause(): void {
  if (speech === null) return;
  set({ ...speech, isPaused: !speech.isPaused });
  if (speech.isPaused) silence();
  else speakNext();
}

/** Ends the reading; with an id, only if that answer is being read. */
export function stopSpeaking(id?: unknown): void {
  if (speech === null || (typeof id === "string" && speech.id !== id)) return;
  silence();
  set(null);
}

export function currentSpeech(): Speech | null {
  return speech;
}

export function subscribeToSpeech(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}

function set(next: Speech | null): void {
  speech = next;
  if (next === null) window.removeEventListener("pagehide", stopSpeaking);
  for (const notify of listeners) notify();
}

function silence(): void {
  // Its end is not the end of a piece.
  utterance = undefined;
  window.speechSynthesis.cancel();
}

function speakNext(): void {
  silence();
  const piece = pieces[position];
  if (piece === undefined) {
    set(null);
    return;
  }
  const next = new SpeechSynthesisUtterance(piece);
  next.lang = language;
  const voice = window.speechSynthesis
    .getVoices()
    .find(({ lang }) => lang.toLowerCase().startsWith(language));
  if (voice !== undefined) next.voice = voice;
  next.onend = () => {
    if (utterance !== next) return;
    position += 1;
    speakNext();
  };
  next.onerror = () => {
    if (utterance === next) stopSpeaking();
  };
  utterance = next;
  window.speechSynthesis.speak(next);
}
