import { respondUnknownPath } from "#app/_http/unknown-path.ts";

export const GET = respondUnknownPath;
export const POST = respondUnknownPath;
export const PUT = respondUnknownPath;
export const PATCH = respondUnknownPath;
export const DELETE = respondUnknownPath;
