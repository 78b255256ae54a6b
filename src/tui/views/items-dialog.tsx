// A list of a container's parameters, thing by thing.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { ItemsForm } from '../forms/items-form.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { itemsDialogLines } from './items-dialog-lines.ts';

const CELLS = 74;

export function ItemsDialog({ form }: { readonly form: ItemsForm }): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const state = useManagerState((whole) => whole);
  return <Dialog cells={cells} lines={itemsDialogLines(state, form, cells, state.size.rows - FRAME.rows, theme)} />;
}
