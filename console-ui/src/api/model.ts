/** What the operator API answers, with the words narrowed that its document leaves open. */
import type * as schema from './schema';

export type {
  AuditPage,
  BatchPage,
  BatchView as Batch,
  ItemPage as BatchItemPage,
  ItemView as BatchItem,
  PlanView as BatchPlan,
  Counts,
  EventPayload,
  FlowView as Flow,
  FlowViewMarker as FlowMarker,
  FlowViewPoint as FlowPoint,
  FlowViewProcessorRow as FlowProcessor,
  FlowViewStage as FlowStage,
  FlowViewTrouble as FlowProblem,
  FunctionView,
  GroupDetail,
  GroupList,
  GroupView as Group,
  LaneDetail,
  LaneEntry,
  LanePage,
  LaneView as Lane,
  Line as AuditLine,
  Me,
  NodeList,
  NodeView as Node,
  Overridden,
  PolicySources,
  ProcessorDetail,
  ProcessorView as Processor,
  WaitPage,
  WaitView as Wait,
} from './schema';
export type { AttemptView as Attempt, FailureDetailLine as HistoryLine, FailureDetailPolicy as RetryPolicy } from './schema';

export type State = 'FAILED' | 'PREPARED' | 'SUCCEEDED' | 'SKIPPED';
export type Recoverability = 'RECOVERABLE' | 'UNRECOVERABLE' | 'UNKNOWN';

interface Narrowed {
  readonly state: State;
  readonly recoverability: Recoverability;
}

export type FailureSummary = Omit<schema.FailureSummary, keyof Narrowed> & Narrowed;
export type FailureDetail = Omit<schema.FailureDetail, keyof Narrowed> & Narrowed;
export type FailurePage = Omit<schema.FailurePage, 'items'> & { readonly items: readonly FailureSummary[] };

export const isDone = (state: State): boolean => state === 'SUCCEEDED' || state === 'SKIPPED';
