/** Fault injection switches, all off by default; set through `POST /_control/chaos`. */
export type ChaosSwitches = {
  /** Number of additional deliveries of each event. */
  duplicate: number;
  /** Send waiting events in reverse order. */
  reorder: boolean;
  /** Collect events for a second and send them at the same time. */
  burst: boolean;
  /** Delay before the first attempt of each delivery, in milliseconds. */
  delayMs: number;
  /** Events that are never sent: all, the next N, or one type. */
  drop: boolean | number | string;
  /** Treat every endpoint as unreachable. */
  endpointDown: boolean;
  /** The error of the next API call. `timeout_after_effect` performs the call, then closes the connection. */
  failNextApi: 429 | 500 | "timeout_after_effect" | null;
  /** Number of calls that fail this way. */
  failNextApiTimes: number;
  /** Number of charges that fail with any card ("next card payment fails" on the dashboard). */
  failNextCharges: number;
};

export const noChaos: ChaosSwitches = {
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
