/** An email address within a sentence; a long one breaks instead of widening the page. */
export function EmailAddress({ address }: { address: string }) {
  return <strong className="font-medium [overflow-wrap:anywhere]">{address}</strong>;
}
