/** The types of what is dragged in the list: ids of conversations as JSON, or the id of a project. */
export const chatsType = "application/x-parley-chats";
export const projectType = "application/x-parley-project";

/** Returns the dragged conversations; none if something else is dragged. */
export function readDraggedChats(data: DataTransfer): string[] {
  const text = data.getData(chatsType);
  return text === "" ? [] : JSON.parse(text);
}
