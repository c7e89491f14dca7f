/** How the sandbox misbehaves on purpose. All off by default; set through `POST /_control/chaos`. */
export type ChaosSwitches = {
  /** Send every event this many times more. */
  duplicate: number;
  /** Send what is waiting in reverse order. */
  reorder: boolean;
  /** Collect what happens for a second, then send it all at the same moment instead of one by one. */
  burst: boolean;
  /** Wait this long before the first attempt of each delivery. */
  delayMs: number;
  /** Never send these: every event, the next N, or the events of one type. */
  drop: boolean | number | string;
  /** Act as if no endpoint answered. */
  endpointDown: boolean;
  /** What the next API call answers instead. `timeout_after_effect` does the work, then hangs up. */
  failNextApi: 429 | 500 | "timeout_after_effect" | null;
  /** How many calls that applies to. */
  failNextApiTimes: number;
  /** The next charges that fail whatever the card, as "next card payment fails" on the dashboard. */
  failNextCharges: number;
};

export const calm: ChaosSwitches = {
  duplicate: 0,
  reorder: false,
  burst: false,
  delayMs: 0,
  drop: false,
  endpointDown: false,
  failNextApi: null,
  failNextApiTimes: 0,
  failNextCharges: 0,
};
