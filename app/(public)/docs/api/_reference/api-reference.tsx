"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

type State = "waiting" | "loading" | "ready" | "failed";

/**
 * The reference, rendered by Swagger UI. Its script is larger than all others together, so it is loaded when
 * the reference comes into view.
 */
export function ApiReference() {
  const t = useTranslations("apiDocs.reference");
  const target = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>("waiting");

  useEffect(() => {
    const node = target.current;
    if (node === null || state !== "waiting") return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setState("loading"), {
      rootMargin: "600px",
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [state]);

  useEffect(() => {
    if (state !== "loading") return;
    let isCurrent = true;
    const show = async () => {
      const { showReference } = await import("#app/(public)/docs/api/_reference/show-reference.ts");
      if (target.current !== null && isCurrent) await showReference(target.current);
      if (isCurrent) setState("ready");
    };
    show().catch(() => isCurrent && setState("failed"));
    return () => {
      isCurrent = false;
    };
  }, [state]);

  return (
    <>
      {(state === "waiting" || state === "loading") && (
        <p role="status" className="flex min-h-40 items-center gap-2 text-muted-foreground text-sm">
          {state === "loading" && (
            <>
              <Spinner />
              {t("loading")}
            </>
          )}
        </p>
      )}
      {state === "failed" && (
        <div role="alert" className="flex flex-wrap items-center gap-3 text-sm">
          {t("failed")}
          <Button variant="outline" size="sm" onClick={() => setState("loading")}>
            {t("retry")}
          </Button>
        </div>
      )}
      <div ref={target} lang="en" className="api-reference" />
    </>
  );
}
