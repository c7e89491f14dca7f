import { TimeAgoText } from "#app/_ui/formats/time-ago-text.tsx";
import { now } from "#lib/core/clock.ts";

/**
 * Shows how long ago something was when the page was rendered, by the app's clock, which tests and the
 * sandbox may move.
 */
export function TimeAgo({ at }: { at: Date }) {
  return <TimeAgoText at={at} since={now()} />;
}
