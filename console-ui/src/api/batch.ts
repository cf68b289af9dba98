import type { Batch } from './model';

/** Whether it is worth a look: it runs, or its own rule has stopped it until a person looks. */
export const isOfInterest = (batch: Batch): boolean => isUnderWay(batch) || (batch.state === 'PAUSED' && batch.stoppedBy === 'rule');

/** Whether items of it run now, or are about to. */
export const isUnderWay = (batch: Batch): boolean => batch.state === 'CANARY' || batch.state === 'RUNNING';
