/** Returns the key of the rate limit bucket that the chat and the API requests of a workspace share. */
export function requestBucket(workspaceId: string): string {
  return `requests:${workspaceId}`;
}
