export { BUILD_NAME, HAS_DEBUG_CALLS, HAS_SELF_TESTS } from "../../../kernel/build/debug/config";
