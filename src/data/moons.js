"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.twoMoons = void 0;
/**
 * Two half moons of radius 1, centred on the origin: class +1 is the upper one.
 * @param n number of points, shared between the classes in turn
 * @param options.noise standard deviation of what is added to each coordinate; default 0.15
 */
function twoMoons(n, { rng, noise = 0.15 }) {
    if (!Number.isInteger(n) || n < 2)
        throw new Error(`twoMoons: expected at least 2 points, got ${n}`);
    const targets = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const points = targets.map((target) => {
        const angle = Math.PI * rng.uniform();
        const [x, y] = [Math.cos(angle), Math.sin(angle)];
        // The lower moon is turned upside down, and its tip lies in the middle of the upper one.
        const at = target === 1 ? [x - 0.5, y - 0.25] : [0.5 - x, 0.25 - y];
        return [at[0] + noise * rng.normal(), at[1] + noise * rng.normal()];
    });
    return { points, targets };
}
exports.twoMoons = twoMoons;
