/** @unit O2 */

/**
 * The number-theoretic transform of ML-DSA (FIPS 204, section 7.5) over Z_q[X]/(X^256 + 1), q = 8380417, with
 * signed Montgomery arithmetic, R = 2^32.
 *
 * N1  montgomeryReduce(a) is a / R modulo q, and less than q in absolute value, for |a| < q 2^31.
 * N2  A forward transform adds less than 8 q to the absolute values, so that inputs below 2^23 stay far below 2^31.
 */

export const N = 256;
export const Q = 8380417;
export type Poly = FixedArray<i32, typeof N>;
/** Sums of products of coefficients, before Montgomery reduction. */
export type WidePoly = FixedArray<i64, typeof N>;

/** q^-1 modulo 2^32. */
const Q_INVERSE = 58728449;
/** R^2 / 256 modulo q: leaves the inverse transform in Montgomery form, which a reduced operand takes off again. */
const INVERSE_SCALE = 41978;

/** zetas[k] = R 1753^(brv8(k)) modulo q, centred (FIPS 204, appendix B, in Montgomery form). */
const zetas: FixedArray<i32, typeof N> = [
  -4186625, 25847, -2608894, -518909, 237124, -777960, -876248, 466468, 1826347, 2353451, -359251, -2091905, 3119733,
  -2884855, 3111497, 2680103, 2725464, 1024112, -1079900, 3585928, -549488, -1119584, 2619752, -2108549, -2118186,
  -3859737, -1399561, -3277672, 1757237, -19422, 4010497, 280005, 2706023, 95776, 3077325, 3530437, -1661693, -3592148,
  -2537516, 3915439, -3861115, -3043716, 3574422, -2867647, 3539968, -300467, 2348700, -539299, -1699267, -1643818,
  3505694, -3821735, 3507263, -2140649, -1600420, 3699596, 811944, 531354, 954230, 3881043, 3900724, -2556880, 2071892,
  -2797779, -3930395, -1528703, -3677745, -3041255, -1452451, 3475950, 2176455, -1585221, -1257611, 1939314, -4083598,
  -1000202, -3190144, -3157330, -3632928, 126922, 3412210, -983419, 2147896, 2715295, -2967645, -3693493, -411027,
  -2477047, -671102, -1228525, -22981, -1308169, -381987, 1349076, 1852771, -1430430, -3343383, 264944, 508951, 3097992,
  44288, -1100098, 904516, 3958618, -3724342, -8578, 1653064, -3249728, 2389356, -210977, 759969, -1316856, 189548,
  -3553272, 3159746, -1851402, -2409325, -177440, 1315589, 1341330, 1285669, -1584928, -812732, -1439742, -3019102,
  -3881060, -3628969, 3839961, 2091667, 3407706, 2316500, 3817976, -3342478, 2244091, -2446433, -3562462, 266997,
  2434439, -1235728, 3513181, -3520352, -3759364, -1197226, -3193378, 900702, 1859098, 909542, 819034, 495491, -1613174,
  -43260, -522500, -655327, -3122442, 2031748, 3207046, -3556995, -525098, -768622, -3595838, 342297, 286988, -2437823,
  4108315, 3437287, -3342277, 1735879, 203044, 2842341, 2691481, -2590150, 1265009, 4055324, 1247620, 2486353, 1595974,
  -3767016, 1250494, 2635921, -3548272, -2994039, 1869119, 1903435, -1050970, -1333058, 1237275, -3318210, -1430225,
  -451100, 1312455, 3306115, -1962642, -1279661, 1917081, -2546312, -1374803, 1500165, 777191, 2235880, 3406031,
  -542412, -2831860, -1671176, -1846953, -2584293, -3724270, 594136, -3776993, -2013608, 2432395, 2454455, -164721,
  1957272, 3369112, 185531, -1207385, -3183426, 162844, 1616392, 3014001, 810149, 1652634, -3694233, -1799107, -3038916,
  3523897, 3866901, 269760, 2213111, -975884, 1717735, 472078, -426683, 1723600, -1803090, 1910376, -1667432, -1104333,
  -260646, -3833893, -2939036, -2235985, -420899, -2286327, 183443, -976891, 1612842, -3545687, -554416, 3919660,
  -48306, -1362209, 3937738, 1400424, -846154, 1976782,
];

/** @inline */
function montgomeryReduce(a: i64): i32 {
  const t = i32(a) * Q_INVERSE;
  return i32((a - i64(t) * i64(Q)) >> 32n);
}

/**
 * In place: coefficients to the transform's domain (FIPS 204, algorithm 41), the first four layers of eight. Outputs are
 * not reduced (N2).
 */
export function beginTransform(poly: Poly): void {
  transformLayers(poly, 128, 8);
}

/** The other four. */
export function endTransform(poly: Poly): void {
  transformLayers(poly, 8, 0);
}

/** The layers from `first` on, before `last`: distances of the numbers that a layer combines. @noinline */
function transformLayers(poly: Poly, first: u32, last: u32): void {
  let k: u32 = 128 / first;
  for (let length = first; length > last; length >>>= 1) {
    for (let start: u32 = 0; start < N; start += 2 * length) {
      const zeta = i64(zetas[k & 255]);
      k++;
      for (let j = start; j < start + length; j++) {
        const t = montgomeryReduce(zeta * i64(poly[(j + length) & 255]));
        const a = poly[j & 255];
        poly[(j + length) & 255] = a - t;
        poly[j & 255] = a + t;
      }
    }
  }
}

/**
 * In place: back to coefficients, times R (FIPS 204, algorithm 42), the first four layers of eight. Inputs must be below q
 * in absolute value.
 */
export function beginInverse(poly: Poly): void {
  inverseLayers(poly, 1, 16);
}

/** The other four, and the scale. */
export function endInverse(poly: Poly): void {
  inverseLayers(poly, 16, N);
  for (let i: u32 = 0; i < N; i++) poly[i] = montgomeryReduce(i64(INVERSE_SCALE) * i64(poly[i]));
}

/** The layers from `first` on, before `last`. @noinline */
function inverseLayers(poly: Poly, first: u32, last: u32): void {
  let k: u32 = 256 / first - 1;
  for (let length = first; length < last; length <<= 1) {
    for (let start: u32 = 0; start < N; start += 2 * length) {
      const zeta = i64(-zetas[k & 255]);
      k--;
      for (let j = start; j < start + length; j++) {
        const a = poly[j & 255];
        const b = poly[(j + length) & 255];
        poly[j & 255] = a + b;
        poly[(j + length) & 255] = montgomeryReduce(zeta * i64(a - b));
      }
    }
  }
}

/** poly = sums / R - a b / R: the right side of the verification equation in the transform's domain. */
export function reduceDifference(poly: Poly, sums: WidePoly, a: Poly, b: Poly): void {
  for (let i: u32 = 0; i < N; i++) poly[i] = montgomeryReduce(sums[i] - i64(a[i]) * i64(b[i]));
}
