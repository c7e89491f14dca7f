/** The texts of errors, which API responses contain too. */
export { errorMessages as errors } from "#lib/core/error-messages.ts";
