import { useTranslations } from "next-intl";
import type { Messages } from "#app/_messages/catalogs.ts";

const kinds: Record<string, keyof Messages["operator"]["grants"]["kinds"]> = {
  allowance: "allowance",
  trial: "trial",
  grace: "grace",
  top_up: "topUp",
  manual: "manual",
  restored: "restored",
};

/** The label of a grant's kind; unknown kinds are shown unchanged. */
export function GrantKind({ kind }: { kind: string }) {
  const t = useTranslations("operator.grants.kinds");
  const key = kinds[kind];
  return key === undefined ? kind : t(key);
}
