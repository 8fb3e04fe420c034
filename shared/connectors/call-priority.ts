/**
 * Which priority a call has. A connector makes its calls layers below whoever asked for them, and the
 * one thing that goes with an operation down to each of its calls is its signal: so the priority is
 * noted with the signal. No connector knows of it; one that made a signal of its own for a call
 * would have it made as `customer`.
 */
import { type CallPriority, priorityOf } from "#shared/domain/call-budget.ts";
import type { Connector, SystemReader } from "#shared/ports/connector.ts";

const noted = new WeakMap<AbortSignal, CallPriority>();

/** The priority of the operation that the signal belongs to. */
export function priorityOfSignal(signal: AbortSignal): CallPriority {
  return noted.get(signal) ?? "customer";
}

/** The same reader; a read of every record there is comes after all else. */
export function withReadPriority<Reader extends SystemReader>(reader: Reader): Reader {
  return {
    ...reader,
    readChanges: (recordType, request) => {
      const priority = request.since === undefined ? "backfill" : priorityOf(recordType);
      return reader.readChanges(recordType, { ...request, signal: note(request.signal, priority) });
    },
  };
}

/** The same connector, whose operations have the priority of their record type. */
export function withCallPriority(connector: Connector): Connector {
  return {
    ...withReadPriority(connector),
    readByIds: (recordType, externalIds, signal) =>
      connector.readByIds(recordType, externalIds, note(signal, priorityOf(recordType))),
    write: (recordType, writes, signal) =>
      connector.write(recordType, writes, note(signal, priorityOf(recordType))),
    lookUp: (recordType, requests, signal) =>
      connector.lookUp(recordType, requests, note(signal, priorityOf(recordType))),
  };
}

/** A signal of this operation alone: the caller's own serves others too. */
function note(signal: AbortSignal, priority: CallPriority): AbortSignal {
  const own = AbortSignal.any([signal]);
  noted.set(own, priority);
  return own;
}
