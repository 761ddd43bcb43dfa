/**
 * A feature: a class of which every engine has one instance, made when it is first asked for, mostly by the first
 * command that needs it. Its constructor gets the engine and registers hooks (hooks.ts). What nobody uses is not even
 * there.
 */
export type FeatureType<T> = new (engine: never) => T;
