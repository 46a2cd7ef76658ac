// The Vue wrapper of a hand-written ES module: mounts it when the element appears, destroys it when it goes.
// A module exports mount(element, options, emit) and returns an object with destroy(), any methods that Python calls
// by name, and, if its options may change, update(options).
export default {
  template: "<div></div>",
  props: { source: String, options: String },
  mounted() {
    this.ready = import(this.source).then((module) => {
      if (this.gone) return;
      this.view = module.mount(this.$el, JSON.parse(this.options), (name, value) => this.$emit(name, value));
      this.$emit("ready");
    });
    this.ready.catch((error) => console.error(error));
  },
  watch: {
    options(now) {
      this.view?.update?.(JSON.parse(now));
    },
  },
  beforeUnmount() {
    this.gone = true;
    this.view?.destroy();
  },
  methods: {
    async call(name, ...values) {
      await this.ready;
      return this.view?.[name](...values);
    },
  },
};
