// The stack of views: going in and coming back. Pure.
import type { ManagerState, View } from './state.ts';

type Change = Partial<ManagerState>;

/** Shows a view; one of its kind that is below is come back to instead of stacked twice. */
export function showView({ views }: ManagerState, view: View): Change {
  const at = views.findIndex((one) => one.name === view.name);
  const kept = at < 0 ? views : views.slice(0, at);
  return { views: kept.length === 0 ? [view] : [...(kept as ManagerState['views']), view] };
}

/** The view below; the first one stays. */
export function goBack({ views }: ManagerState): Change {
  return views.length < 2 ? {} : { views: views.slice(0, -1) as unknown as ManagerState['views'] };
}

/** The same view about something else. */
export function changeView({ views }: ManagerState, view: View): Change {
  return { views: [...views.slice(0, -1), view] as unknown as ManagerState['views'] };
}
