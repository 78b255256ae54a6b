// What is typed into the choice of a recipe: its beginning, or a name, and options as `vzdeck template build` takes them. Pure.
import { type KnownRecipe, RECIPES } from '../../engine/index.ts';

/** Recipes that the first word could mean, all for none; the one that is called so comes first. */
export function recipesFor(text: string): readonly KnownRecipe[] {
  const [word = ''] = text.trim().split(/\s+/);
  const found = RECIPES.filter(({ name, about }) => name.includes(word) || about.toLowerCase().includes(word));
  return [...found.filter(({ name }) => name === word), ...found.filter(({ name }) => name !== word)];
}

/** Where the choice begins. */
export const USUAL_RECIPE = Math.max(
  0,
  RECIPES.findIndex(({ name }) => name === 'debian-12'),
);

export interface BuildOrder {
  readonly recipe: string;
  readonly options: { readonly as?: string; readonly include?: readonly string[]; readonly mirror?: string };
  /** Name of what is made. */
  readonly name: string;
  readonly command: string;
}

/** Names become directory entries and arguments of a program. */
const NAME = /^[a-z0-9][a-z0-9.+_-]{0,63}$/;
/** Nothing that a shell would read otherwise. */
const VALUE = /^[\w.+:/,@%=-]+$/;
const OPTIONS = new Set(['--as', '--include', '--mirror']);

/** What the text and the choice lead to; a text says what is wrong. */
export function buildOrder(text: string, chosen: number): BuildOrder | string {
  const [typed = '', ...rest] = text.trim().split(/\s+/);
  const recipe = recipesFor(text)[chosen]?.name ?? typed;
  if (!NAME.test(recipe)) return 'Expected a name such as debian-12: small letters, digits and . + _ -';
  const given: Record<string, string> = {};
  for (let at = 0; at < rest.length; at += 2) {
    const [option = '', value = ''] = rest.slice(at, at + 2);
    if (!OPTIONS.has(option)) return `Expected --include, --as or --mirror instead of ${option}`;
    if (!VALUE.test(value)) return `${option} needs a value without blanks`;
    given[option.slice(2)] = value;
  }
  const { include, ...others } = given;
  const options = { ...others, ...(include === undefined ? {} : { include: include.split(',').filter(Boolean) }) };
  return { recipe, options, name: given['as'] ?? recipe, command: ['vzdeck template build', recipe, ...rest].join(' ') };
}
