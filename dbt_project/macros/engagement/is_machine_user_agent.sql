{#-
  User agents that are no person reading: crawlers, link previews of chat and mail programs, security scanners that open
  every link of a mail, and program libraries. Compared without case; a blank user agent says nothing.
-#}
{% macro is_machine_user_agent(user_agent) -%}
    {%- set signs = [
        'bot([^a-z]|$)', 'crawl', 'spider', 'slurp', 'archiver', 'monitor', 'uptime', 'pingdom',
        'preview', 'prefetch', 'prerender', 'facebookexternalhit', 'slackbot', 'whatsapp', 'telegrambot', 'skypeuripreview',
        'googleimageproxy', 'yahoomailproxy',
        'proofpoint', 'mimecast', 'barracuda', 'safelinks', 'messagelabs', 'fireeye', 'trend ?micro', 'urlscan', 'virustotal', 'scanner',
        'headless', 'phantomjs', 'selenium', 'puppeteer', 'playwright',
        'curl/', 'wget/', 'python', 'java/', 'go-http-client', 'okhttp', 'apache-httpclient', 'libwww', 'node-fetch', 'axios'
    ] -%}
    coalesce({{ user_agent }} ~* '({{ signs | join("|") }})', false)
{%- endmacro %}
