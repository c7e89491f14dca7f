export const controls = {
  offline: "You are offline. Reconnect and try again.",
  language: { legend: "Language", system: "System" },
  close: "Close",
  closeMenu: "Close menu",
  table: "Table",
  error: {
    title: "Something went wrong",
    body: "The problem is on our end. Nothing was lost, and you haven’t been charged.",
    reference: "If it keeps happening, send us this code: {digest}",
    request: "Request ID: {requestId}.",
    trace: "Request ID: {requestId}. Trace ID: {traceId}.",
    retry: "Try again",
  },
  refunds: {
    refunded: "Refunded",
    refundedShare: "{amount} of {total} refunded",
    disputed: "Disputed",
    disputedShare: "{amount} of {total} disputed",
  },
  chartByDay: "{label} by day",
} as const;
