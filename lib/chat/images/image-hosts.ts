import { z } from "zod";
import { operatorSetting } from "#lib/billing/operator/operator-setting.ts";
import { fieldKey } from "#lib/core/errors.ts";

/** The most hosts in the list; each is part of the content security policy of every page. */
export const maxImageHosts = 20;

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** At least two labels, the last of which is no number: addresses of machines are not allowed. */
const hostPattern = new RegExp(`^(?:${label}\\.)+(?![0-9]+$)${label}$`);

/** An exact host name, as URLs write it: no scheme, port, path or wildcard. */
export const imageHostSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(hostPattern, fieldKey("imageHost"));

/** The hosts from which answers may show images, over https only. None until an operator adds one. */
export const imageHostsSetting = operatorSetting<string[]>({
  name: "image-hosts",
  schema: z.array(imageHostSchema).max(maxImageHosts),
  initial: [],
  format: (hosts) => hosts,
});
