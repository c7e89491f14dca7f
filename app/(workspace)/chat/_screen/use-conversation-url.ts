import { useEffect, useRef } from "react";

/** Returns a function that puts a new chat's URL into the address bar, unless the user has left the page. */
export function useConversationUrl(conversationId: string): () => void {
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  return () => {
    if (isMounted.current && window.location.pathname === "/chat")
      window.history.replaceState(null, "", `/chat/${conversationId}`);
  };
}
