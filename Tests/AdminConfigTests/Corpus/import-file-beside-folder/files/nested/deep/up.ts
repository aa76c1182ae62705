import { name } from "../../redis";
import self from "./";
export const up = name + self;
