import type Config from "./not-there";
import { type Missing, type Other as Alias } from "./also-not-there";
import { defineAdmin, type AdminConfig } from "@flowpanel/kit";
export type { Missing } from "./also-not-there";
export type * from "./not-there-either";

declare module "@flowpanel/kit" { interface Register { config: typeof config; } export default function f(): void }
declare module "*.svg";
declare global { namespace NodeJS { interface ProcessEnv { REDIS_URL?: string } } var __redis: unknown; interface Window { a: "}" } }
declare const VERSION: string;
declare function ambient(a: { b: 1 }): asserts a is { b: 1 };
declare class Ghost { private x; constructor(a?: number); }
declare enum Level { A = 1 }

type Deep<T> = T extends { a: infer U extends string } ? `${U}-x` : T extends (...args: any[]) => infer R ? R : never;
type Mapped = { readonly [K in keyof AdminConfig as `get${Capitalize<string & K>}`]-?: () => AdminConfig[K] };
type Fn = <T>(this: void, { a, b }: { a: T; b?: T }, ...rest: unknown[]) => typeof import("./not-there", { with: { "resolution-mode": "import" } });
type Tuple = readonly [name: string, ...rest: (number | undefined)[]] ;
let pending: AdminConfig["realtime"] | undefined, definite!: string;

const config: AdminConfig<{ a: () => void }> = { realtime: <any>{ driver: "redis" as const, url: process.env.REDIS_URL! as string } };
export default defineAdmin(config!);
