require 'set'

LIMIT = 3
$global = 1

module Acme
  module_function

  class Checker < Base
    WIDTH = 80
    attr_accessor :name, :size
    alias_method :old, :check

    def initialize(limit)
      @limit = limit
      local = helper(limit)
    end

    def self.make(n) = new(n)

    def check?(name, *rest)
      rest.each { |x| puts x }
      Store.new(1).run!
      super
      yield name
    end

    class << self
      def inner; end
    end
  end

  Point = Struct.new(:x, :y)
end

def top_level
  Acme::Checker.make 1
end
