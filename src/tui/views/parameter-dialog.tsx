// One parameter while it is changed: what is typed, what is wrong with it, what is offered, and what becomes of file and kernel.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { ParameterForm } from '../forms/parameter-form.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { parameterDialogLines } from './parameter-dialog-lines.ts';

const CELLS = 74;

export function ParameterDialog({ form }: { readonly form: ParameterForm }): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const state = useManagerState((whole) => whole);
  return <Dialog cells={cells} lines={parameterDialogLines(state, form, cells, state.size.rows - FRAME.rows, theme)} />;
}
