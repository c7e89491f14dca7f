import { useEffect, useState } from "react";

/** The parameter of /chat that makes the new chat temporary, also after a reload. */
const parameter = "temporary";

/** Whether a new chat is temporary, and a function that switches it; the address follows. */
export function useTemporary(initial: boolean): [isTemporary: boolean, toggle: () => void] {
  const [isTemporary, setTemporary] = useState(initial);
  const toggle = () => {
    setTemporary(!isTemporary);
    const url = new URL(window.location.href);
    if (isTemporary) url.searchParams.delete(parameter);
    else url.searchParams.set(parameter, "1");
    window.history.replaceState(null, "", url);
  };
  return [isTemporary, toggle];
}

/** Lets the browser ask before it closes or reloads the page, which would lose the chat. */
export function useLeaveWarning(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isOn]);
}
