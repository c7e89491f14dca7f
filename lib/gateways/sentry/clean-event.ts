import type { ErrorEvent, Exception, StackFrame } from "@sentry/node";
import { cleanErrorMessage, cleanFields } from "#lib/core/log-fields.ts";
import { maskText } from "#lib/core/mask.ts";

/**
 * Returns what may be sent to Sentry: the known parts of an event, masked like the log. Everything else, such
 * as requests, users, breadcrumbs and the source code around a frame, is dropped.
 */
export function cleanEvent(event: ErrorEvent): ErrorEvent {
  const { event_id, timestamp, platform, level, environment, release, sdk, exception, message } = event;
  const known = { event_id, timestamp, platform, level, environment, release, sdk };
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    type: undefined,
    tags: Object.fromEntries(
      Object.entries(event.tags ?? {}).map(([name, value]) => [name, maskText(String(value))]),
    ),
    extra: cleanFields(event.extra ?? {}),
    ...(message !== undefined && { message: maskText(message) }),
    ...(exception?.values && { exception: { values: exception.values.map(cleanException) } }),
  };
}

function cleanException({ type, value, stacktrace }: Exception): Exception {
  return {
    ...(type !== undefined && { type }),
    ...(value !== undefined && { value: cleanErrorMessage(value) }),
    ...(stacktrace?.frames && { stacktrace: { frames: stacktrace.frames.map(cleanFrame) } }),
  };
}

function cleanFrame({ filename, function: name, lineno, colno, in_app }: StackFrame): StackFrame {
  return {
    ...(filename !== undefined && { filename }),
    ...(name !== undefined && { function: name }),
    ...(lineno !== undefined && { lineno }),
    ...(colno !== undefined && { colno }),
    ...(in_app !== undefined && { in_app }),
  };
}
