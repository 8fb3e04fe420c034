import { openChangesMessage } from "#shared/aws/deflated-messages.ts";
import { changesMessage } from "#shared/contracts/messages.ts";

/** A message of the queue `changes` in the one shape that is worked on, deflated or not. */
export const receivedChanges = changesMessage.transform(openChangesMessage);
