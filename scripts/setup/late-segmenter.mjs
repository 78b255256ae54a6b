// Takes the place of Intl.Segmenter in a bundle (see bundle-lazy.mjs): everybody cuts into graphemes, so there is one, made at the first text
// that is not of plain letters, and not half a dozen before the first frame.
const Segmenter = Reflect.get(Intl, 'Segmenter');
let graphemes = null;

export class LateSegmenter {
  segment(text) {
    graphemes ??= new Segmenter();
    return graphemes.segment(text);
  }
}
