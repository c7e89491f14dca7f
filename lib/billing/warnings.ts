export async function sendWarnings(_at: Date): Promise<void> {}
