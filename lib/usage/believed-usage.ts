import { raiseAlert } from "#lib/core/alerts.ts";
import type { TokenUsage } from "#lib/gateways/openai/usage.ts";
import type { Tokens } from "#lib/usage/charge.ts";

/** What was sent and received, by our own count. */
export type OwnCount = {
  promptTokens: number;
  /** Images cost very different numbers of tokens, so the prompt's count may be further from ours. */
  images: number;
  /** The bytes of everything that the model wrote. */
  receivedBytes: number;
  /** Counts the tokens of everything that the model wrote; called only where the bytes decide nothing. */
  receivedTokens: () => Promise<number>;
  /** The most tokens that the request asked for. */
  maxTokens: number;
  /** False if the answer was cut or abandoned, so that reported usage may be older than what was received. */
  hasEnded: boolean;
};

/** The usage that is charged (M6). */
export type BelievedUsage = Tokens & {
  /** The part of the completion that the upstream counted as reasoning. */
  reasoningTokens: number;
  /** True if it is our count. */
  estimated: boolean;
};

/** Tokenizers, hidden prompts and formats of tools differ, but not by more than this. */
const maxFactor = 4;
const promptSlack = 2_000;
const tokensPerImage = 50_000;
/** The most that we count for an image (image-tokens.ts); other models count a fraction of it. */
const ownTokensPerImage = 2_500;
const completionSlack = 256;
/** A text of more tokens than this is not far from none. */
const missingSlack = 4;
/** Servers that count the end of the text exceed the limit by a few tokens. */
const limitSlack = 16;

/**
 * Returns the usage to charge: what the upstream reports if it is plausible, else our own count. Reported
 * usage is not plausible if it exceeds what was asked for, is far from our count, or is zero for a text. An
 * answer that did not end costs the larger of both. Nothing beyond the limit is charged.
 */
export async function believeUsage(
  reported: TokenUsage | null,
  own: OwnCount,
  source: { upstream: string; model: string },
): Promise<BelievedUsage> {
  const isBelieved = reported !== null && (await isPlausible(reported, own));
  if (reported !== null && !isBelieved && (own.hasEnded || !isEarly(reported, own)))
    alertImplausible(reported, own, source);
  if (isBelieved && own.hasEnded) {
    const completionTokens = Math.min(reported.completionTokens, own.maxTokens);
    return { ...reported, completionTokens, estimated: false };
  }
  const counted = Math.min(await own.receivedTokens(), own.maxTokens);
  const isPromptBelieved = reported !== null && isPlausiblePrompt(reported.promptTokens, own);
  const prompt = isPromptBelieved ? reported : { promptTokens: own.promptTokens, cachedTokens: 0 };
  const isLarger = isBelieved && reported.completionTokens >= counted;
  return {
    promptTokens: own.hasEnded ? own.promptTokens : prompt.promptTokens,
    cachedTokens: own.hasEnded ? 0 : prompt.cachedTokens,
    completionTokens: isLarger ? Math.min(reported.completionTokens, own.maxTokens) : counted,
    reasoningTokens: isLarger ? reported.reasoningTokens : 0,
    estimated: !isLarger,
  };
}

function isPlausiblePrompt(tokens: number, { promptTokens, images }: OwnCount): boolean {
  const most = promptTokens * maxFactor + promptSlack + images * tokensPerImage;
  const least = (promptTokens - images * ownTokensPerImage) / maxFactor - completionSlack;
  return tokens > 0 && tokens <= most && tokens >= least;
}

async function isPlausible(reported: TokenUsage, own: OwnCount): Promise<boolean> {
  const { completionTokens, reasoningTokens } = reported;
  if (!isPlausiblePrompt(reported.promptTokens, own)) return false;
  if (!(completionTokens <= own.maxTokens + limitSlack && reasoningTokens <= completionTokens)) return false;
  if (completionTokens === 0) return own.receivedBytes === 0;
  const visible = completionTokens - reasoningTokens;
  // Most texts have 2 to 8 bytes per token, so most answers need no tokenizer.
  if (visible <= own.receivedBytes / 2 + 32 && completionTokens >= own.receivedBytes / 8 - missingSlack)
    return true;
  const counted = await own.receivedTokens();
  return (
    visible <= counted * maxFactor + completionSlack && completionTokens >= counted / maxFactor - missingSlack
  );
}

/** Usage that came before all text: it is too small, which is no fault of the upstream. */
function isEarly({ completionTokens }: TokenUsage, { receivedBytes }: OwnCount): boolean {
  return completionTokens <= receivedBytes;
}

function alertImplausible(
  reported: TokenUsage,
  own: OwnCount,
  source: { upstream: string; model: string },
): void {
  const { promptTokens, completionTokens } = reported;
  void raiseAlert({
    key: `usage:${source.upstream}:${source.model}`,
    title: `The upstream "${source.upstream}" reports usage that is not plausible`,
    detail:
      `For the model "${source.model}" it reported ${promptTokens} prompt and ${completionTokens} completion tokens. ` +
      `We counted ${own.promptTokens} prompt tokens and ${own.receivedBytes} bytes of output with a limit of ` +
      `${own.maxTokens} tokens. Such answers are charged by our own count.`,
  });
}
