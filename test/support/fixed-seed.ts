/**
 * Property tests draw the same inputs in every `npm test`: a red run says something of the change and not of the draw.
 * New inputs are looked for by `npm run properties`, `npm run machine` and `npm run fuzz`.
 *
 * @module
 */
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED ?? 20_261_122) });
