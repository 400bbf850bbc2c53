// Where things are: from the plan's whole numbers to the square of Web Mercator, and from there to pixels.

const PER_DEGREE = 100000;

/** Web Mercator in [0, 1] of a place (x, y) of the plan, given its origin. */
function square(plan, x, y) {
  const lon = plan.origin[0] + x / PER_DEGREE;
  const sine = Math.sin(((plan.origin[1] + y / PER_DEGREE) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** Columns of places as one flat Float64Array: u0, v0, u1, v1 … */
function squarePlaces(plan, xs, ys) {
  const places = new Float64Array(2 * xs.length);
  xs.forEach((x, i) => places.set(square(plan, x, ys[i]), 2 * i));
  return places;
}

/** A path of steps (x, y, dx, dy …) as one flat Float64Array. */
function squarePath(plan, steps) {
  const path = new Float64Array(steps.length);
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    path.set(square(plan, x, y), i);
  }
  return path;
}

/** The least box around flat arrays of places: [u0, v0, u1, v1]. */
function boxOf(arrays) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const array of arrays) {
    for (let i = 0; i < array.length; i += 2) {
      box[0] = Math.min(box[0], array[i]);
      box[1] = Math.min(box[1], array[i + 1]);
      box[2] = Math.max(box[2], array[i]);
      box[3] = Math.max(box[3], array[i + 1]);
    }
  }
  return box;
}

/** Whether (u, v) is inside a ring. */
function ringHolds(ring, u, v) {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const crosses = ring[i + 1] > v !== ring[j + 1] > v;
    if (crosses && u < ((ring[j] - ring[i]) * (v - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
  }
  return inside;
}

/** Latitude and longitude of (u, v). */
function latLngOf(u, v) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * v))) * 180) / Math.PI;
  return L.latLng(lat, (u - 0.5) * 360);
}
