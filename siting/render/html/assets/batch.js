// Many shapes as one layer on Leaflet's canvas: one object, one pass.

const Batch = L.Path.extend({
  options: { interactive: false },

  /** `paint(pen)` draws everything; `pen` has the canvas context and turns places into pixels. */
  initialize(paint) {
    this.paint = paint;
  },

  _project() {
    const size = 256 * 2 ** this._map.getZoom();
    const corner = this._map.getPixelOrigin();
    this.frame = { size, left: corner.x, top: corner.y };
    this._pxBounds = L.bounds([-1e9, -1e9], [1e9, 1e9]);
  },

  _update() {
    if (this._map) this._updatePath();
  },

  _updatePath() {
    if (this._renderer._drawing) this.paint(new Pen(this._renderer, this.frame, this._map.getZoom()));
  },
});

/** Draws places of the Mercator square on a renderer's canvas. */
class Pen {
  constructor(renderer, frame, zoom) {
    this.context = renderer._ctx;
    this.zoom = zoom;
    this.frame = frame;
    const { min, max } = renderer._bounds;
    this.seen = [
      (min.x + frame.left) / frame.size, (min.y + frame.top) / frame.size,
      (max.x + frame.left) / frame.size, (max.y + frame.top) / frame.size,
    ];
  }

  x(u) {
    return u * this.frame.size - this.frame.left;
  }

  y(v) {
    return v * this.frame.size - this.frame.top;
  }

  /** Whether a place is on the canvas, give or take `margin` of its size. */
  sees(u, v, margin = 0.02) {
    const wide = (this.seen[2] - this.seen[0]) * margin;
    return u > this.seen[0] - wide && u < this.seen[2] + wide && v > this.seen[1] - wide && v < this.seen[3] + wide;
  }

  /** Whether a box [u0, v0, u1, v1] is at least partly on the canvas. */
  seesBox(box) {
    return box[0] < this.seen[2] && box[2] > this.seen[0] && box[1] < this.seen[3] && box[3] > this.seen[1];
  }

  /** Add a flat path to the canvas path, without steps too short to be seen. */
  trace(path, closed = false) {
    const { context } = this;
    let [x0, y0] = [this.x(path[0]), this.y(path[1])];
    context.moveTo(x0, y0);
    for (let i = 2; i < path.length; i += 2) {
      const [x, y] = [this.x(path[i]), this.y(path[i + 1])];
      if (Math.abs(x - x0) + Math.abs(y - y0) < 1 && i < path.length - 2) continue;
      context.lineTo(x, y);
      [x0, y0] = [x, y];
    }
    if (closed) context.closePath();
  }

  /** Add a straight line between two places. */
  line(u0, v0, u1, v1) {
    this.context.moveTo(this.x(u0), this.y(v0));
    this.context.lineTo(this.x(u1), this.y(v1));
  }

  stroke(colour, width, dash = []) {
    Object.assign(this.context, { strokeStyle: colour, lineWidth: width, lineJoin: "round", lineCap: "round" });
    this.context.setLineDash(dash);
    this.context.stroke();
    this.context.setLineDash([]);
  }

  fill(colour, rule = "nonzero") {
    this.context.fillStyle = colour;
    this.context.fill(rule);
  }
}
