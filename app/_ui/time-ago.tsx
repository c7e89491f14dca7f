import { TimeAgoText } from "#app/_ui/time-ago-text.tsx";
import { now } from "#lib/core/clock.ts";

/** Says how long ago something was when the page was made, by the app's clock: the reader's may be elsewhere. */
export function TimeAgo({ at }: { at: Date }) {
  return <TimeAgoText at={at} since={now()} />;
}
