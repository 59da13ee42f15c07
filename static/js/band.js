// A series for the chart library that fills the room between two prices: the range of a forecast.

import { customSeriesDefaultOptions } from "../vendor/lightweight-charts-5.2.1/lightweight-charts.standalone.production.mjs";

class BandRenderer {
  #data = null;
  #options = null;

  update(data, options) {
    this.#data = data;
    this.#options = options;
  }

  draw(target, toY) {
    target.useBitmapCoordinateSpace((scope) => this.#paint(scope, toY));
  }

  #paint({ context, horizontalPixelRatio, verticalPixelRatio }, toY) {
    const bars = this.#data?.bars ?? [];
    const points = bars
      .map(({ x, originalData: { low, middle, high } }) => ({
        x: x * horizontalPixelRatio,
        low: toY(low) * verticalPixelRatio,
        middle: toY(middle) * verticalPixelRatio,
        high: toY(high) * verticalPixelRatio,
      }));
    if (points.length < 2) return;
    const { fill, line, outlineOnly } = this.#options;
    const dashes = [4 * horizontalPixelRatio, 4 * horizontalPixelRatio];
    context.lineWidth = Math.max(1, horizontalPixelRatio);
    context.strokeStyle = line;
    if (outlineOnly) context.setLineDash(dashes);
    else this.#fill(context, points, fill);
    this.#stroke(context, points, "high");
    this.#stroke(context, points, "low");
    context.setLineDash(dashes);
    if (!outlineOnly) this.#stroke(context, points, "middle");
    context.setLineDash([]);
  }

  #fill(context, points, colour) {
    context.beginPath();
    points.forEach(({ x, high }) => context.lineTo(x, high));
    points.toReversed().forEach(({ x, low }) => context.lineTo(x, low));
    context.closePath();
    context.fillStyle = colour;
    context.fill();
  }

  #stroke(context, points, side) {
    context.beginPath();
    points.forEach((point) => context.lineTo(point.x, point[side]));
    context.stroke();
  }
}

export class Band {
  #renderer = new BandRenderer();

  renderer() {
    return this.#renderer;
  }

  update(data, options) {
    this.#renderer.update(data, options);
  }

  priceValueBuilder({ low, middle, high }) {
    return [low, high, middle];
  }

  isWhitespace(row) {
    return row.low === undefined;
  }

  defaultOptions() {
    return { ...customSeriesDefaultOptions, fill: "rgb(0 120 140 / 20%)", line: "rgb(0 120 140)", outlineOnly: false };
  }
}
