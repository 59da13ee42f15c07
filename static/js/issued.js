// A series for the chart library: past ranges as bars where they were issued, each with a dot at the price that came
// and a mark that says whether the favoured class did.

import { customSeriesDefaultOptions } from "../vendor/lightweight-charts-5.2.1/lightweight-charts.standalone.production.mjs";

class IssuedRenderer {
  #data = null;
  #options = null;

  update(data, options) {
    this.#data = data;
    this.#options = options;
  }

  draw(target, toY) {
    target.useBitmapCoordinateSpace((scope) => {
      for (const bar of this.#data?.bars ?? []) this.#paint(scope, bar, toY);
    });
  }

  #paint({ context, horizontalPixelRatio: wide, verticalPixelRatio: tall }, { x, originalData: one }, toY) {
    const { inside, outside, hit, miss, font } = this.#options;
    const at = x * wide;
    const [top, bottom, ended] = [one.p90, one.p10, one.ended].map((price) => toY(price) * tall);
    const colour = one.inside ? inside : outside;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = 1.5 * wide;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, bottom);
    context.stroke();
    context.beginPath();
    context.arc(at, ended, 3 * wide, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = one.verdict === "hit" ? hit : miss;
    context.font = `${Math.round(11 * tall)}px ${font}`;
    context.textAlign = "center";
    context.fillText(one.verdict === "hit" ? "✓" : "✕", at, Math.min(top, ended) - 5 * tall);
  }
}

export class Issued {
  #renderer = new IssuedRenderer();

  renderer() {
    return this.#renderer;
  }

  update(data, options) {
    this.#renderer.update(data, options);
  }

  priceValueBuilder({ p10, p90, ended }) {
    return [Math.min(p10, ended), Math.max(p90, ended), ended];
  }

  isWhitespace(row) {
    return row.p10 === undefined;
  }

  defaultOptions() {
    return { ...customSeriesDefaultOptions, inside: "grey", outside: "firebrick", hit: "green", miss: "firebrick", font: "sans-serif" };
  }
}
