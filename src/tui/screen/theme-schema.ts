// The JSON schema of theme files, made from the lists that the check works from. What no schema can say (a role names a colour of its own
// file's palette) only the check knows.
import { ANSI_COLORS } from './color.ts';
import { ROLE_HELP, ROLES } from './theme.ts';
import { ATTRIBUTES, NAME_PATTERN, RGB_PATTERN } from './theme-file.ts';

const each = <T>(keys: readonly string[], make: (key: string) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(keys.map((key) => [key, make(key)]));

/** JSON Schema, draft 2020-12. */
export const THEME_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Theme of vzdeck',
  type: 'object',
  required: ['name', 'palette', 'roles'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    name: { type: 'string', pattern: NAME_PATTERN.source, description: 'As its file is called' },
    palette: { type: 'object', description: 'Colours by names of your own', additionalProperties: { $ref: '#/$defs/color' } },
    roles: {
      type: 'object',
      description: 'What each kind of text looks like; {} is as the terminal writes',
      required: ROLES,
      additionalProperties: false,
      properties: each(ROLES, (role) => ({ $ref: '#/$defs/look', description: ROLE_HELP[role as keyof typeof ROLE_HELP] })),
    },
  },
  $defs: {
    ansi: { enum: ANSI_COLORS },
    color: {
      description: 'One of the terminal’s own sixteen, or a colour with the one that stands for it where there are only sixteen',
      anyOf: [
        { $ref: '#/$defs/ansi' },
        {
          type: 'object',
          required: ['rgb', 'ansi'],
          additionalProperties: false,
          properties: { rgb: { type: 'string', pattern: RGB_PATTERN.source }, ansi: { $ref: '#/$defs/ansi' } },
        },
      ],
    },
    look: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...each(['fg', 'bg'], () => ({ type: 'string', description: 'A colour of the palette' })),
        ...each(ATTRIBUTES, () => ({ type: 'boolean' })),
      },
    },
  },
} as const;
