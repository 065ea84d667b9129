import { clsx } from 'clsx';

/**
 * Class names together. No two may set the same property: of those, the order in Tailwind's sheet
 * decides. What a component has unless somebody says otherwise stands in the layer `components`.
 */
export const classes = clsx;
